<?cs include:"macros.cs" ?><?cs set:Title = "出具离沪证明 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>出具离沪证明</h1>
<p class="lead">持证人离开本市到其他省市工作的，由所在企业办理转出，并出具离沪证明。</p>
<h2>办理条件</h2>
<ul><li>证书属于本企业，状态为有效；<li>B、C 证须一并转出，不能取消；A 证可选；<li>没有正在办理的其他事项。</ul>
<h2>办理步骤</h2>
<ol class="steps"><li>在左侧菜单点击“出具离沪证明”，页面显示全部离沪记录。<li>点击右上方的“出具离沪证明”，填写证件类型、证件号码和姓名，点击“查询”。<li>核对人员和证书，可以填写转往省市，点击“确认离沪”。<li>页面提示所选证书将在本企业注销（办理转出），再次点击“确认离沪”。<li>下载离沪证明。以后也可以在离沪记录中按姓名查询并下载。</ol>
<?cs call:picture("departure-check", "选择要转出的证书") ?>
<?cs call:picture("departure-done", "离沪证明") ?>
<p class="note">办理之后不能撤回。证书状态变为“办理转出”。</p>
<h2>接收方怎样核验</h2>
<p>扫描离沪证明上的二维码，打开的页面显示证明是否真实，以及所列证书当前的状态。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
