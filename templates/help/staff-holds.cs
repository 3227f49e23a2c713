<?cs include:"macros.cs" ?><?cs set:Title = "锁定 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">操作手册</a></p><h1>锁定</h1>
<p class="lead">正在调查的人员或企业可以锁定：锁定期间，企业不能为其办理换领、申领、变更、注销和离沪。</p>
<h2>提请锁定</h2>
<ol class="steps"><li>在左侧菜单点击“锁定”，再点击“提请锁定”。<li>选择人员或企业，填写证件号码或统一社会信用代码。<li>填写法律依据、原因和锁定期。不填写截止日期的，锁定至解除为止。<li>点击“核对”，核对无误后点击“提请锁定”，由决定人员在“<a href="/help/staff-proposals">提请与决定</a>”中决定。</ol>
<?cs call:picture("staff-holds-new", "提请锁定") ?>
<?cs call:picture("staff-holds-preview", "提请之前的核对") ?>
<h2>锁定期间</h2>
<p>企业办理业务时，页面说明锁定的依据和事项编号，不显示经办人员。锁定之前已经提交、等待签署的注销申请在签署时再次核对，不能完成；已经开始的企业名称变更继续办理。锁定一家企业，不影响其他企业为自己的人员办理。锁定期满之后不再限制办理。</p>
<h2>解除锁定</h2>
<p>在“锁定”页面点击“提请解除”，填写依据和原因，由决定人员决定。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
