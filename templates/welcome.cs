<?cs include:"macros.cs" ?><?cs include:"_notice.cs" ?><?cs set:Title = "首页" ?><?cs def:content() ?><div class="hero"><h1>建筑施工企业三类人员<br>安全生产考核合格证书</h1>
<p>企业主要负责人（A证）、项目负责人（B证）、专职安全生产管理人员（C证）的电子证书，在这里换领、申领、变更、注销、查询和核验。</p>
<p><a class="button" href="/login">企业用户登录</a></p></div>
<?cs call:notices(Notices) ?><div class="cols"><section><h2>企业用户</h2>
<p>使用法人一证通登录后，可以：</p>
<ul><li>将纸质证书换领为电子证书<li>查询本企业人员的电子证书，查看并下载<li>申领和延期电子证书<li>办理企业隶属关系变更、企业名称变更<li>注销电子证书，出具离沪证明</ul>
<p><a href="/help/login">怎样使用法人一证通登录</a></p></section>
<section><h2>社会公众</h2>
<p>扫描证书上的二维码，或输入核验码，即可知道证书是否真实、当前是否有效。无需登录。</p>
<p><a class="button plain" href="/verify/">证书核验</a></p></section></div>
<?cs /def ?><?cs include:"layout.cs" ?>
